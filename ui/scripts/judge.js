/* What a reader thinks of an answer: good, or bad and why. Only the server that answered is told. */
(() => {
  "use strict";
  const sumOf = (turn) => turn.querySelector(".cq-judge")?.dataset.of; // another answer has another

  const send = async (turn, verdict, reason) => {
    const body = JSON.stringify({
      conversation: crossquote.current(), turn: Number(turn.id.slice(1)), of: sumOf(turn), verdict, reason,
    });
    try {
      const headers = { "content-type": "application/json" };
      return (await fetch("/judge", { method: "POST", headers, body })).ok;
    } catch {
      return false;
    }
  };

  const tell = (foot, text) => {
    foot.querySelector(".cq-thanks")?.remove();
    const note = document.createElement("span");
    note.className = "cq-thanks";
    note.setAttribute("role", "status");
    foot.append(note);
    note.textContent = text;
  };

  const settle = async (turn, verdict, reason) => {
    const done = await send(turn, verdict, reason);
    if (done) {
      turn.querySelectorAll(".cq-judge").forEach((button) => {
        button.setAttribute("aria-pressed", String(button.dataset.verdict === verdict));
      });
    }
    const said = crossquote.say();
    if (verdict !== "none" || !done) tell(turn.querySelector(".cq-foot"), done ? said.judged : said.not_judged);
  };

  const askWhy = (turn) => {
    const foot = turn.querySelector(".cq-foot");
    const said = crossquote.say();
    foot.querySelector(".cq-why")?.remove();
    const box = document.createElement("fieldset");
    box.className = "cq-why";
    const legend = document.createElement("legend");
    legend.textContent = said.why;
    const choices = said.reasons.map((text) => {
      const label = document.createElement("label");
      const radio = Object.assign(document.createElement("input"), {
        type: "radio", name: `why-${turn.id}`, value: text,
      });
      label.append(radio, " ", text);
      return label;
    });
    const detail = document.createElement("textarea");
    Object.assign(detail, { rows: 2, maxLength: 800, placeholder: said.detail });
    detail.setAttribute("aria-label", said.detail);
    const ok = Object.assign(document.createElement("button"), { type: "button", textContent: said.send });
    const no = Object.assign(document.createElement("button"), { type: "button", textContent: said.cancel });
    ok.className = "cq-why-send";
    no.className = "cq-act";
    const close = () => { box.remove(); turn.querySelector("[data-verdict=dislike]").focus(); };
    ok.addEventListener("click", () => {
      const chosen = box.querySelector("input:checked")?.value || "";
      const reason = [chosen, detail.value.trim()].filter(Boolean).join(": ");
      close();
      void settle(turn, "dislike", reason);
    });
    no.addEventListener("click", close);
    const ends = document.createElement("div");
    ends.append(ok, no);
    box.append(legend, ...choices, detail, ends);
    foot.append(box);
    box.querySelector("input").focus();
  };

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest(".cq-judge");
    if (!button) return;
    const turn = button.closest(".cq-turn");
    if (button.getAttribute("aria-pressed") === "true") void settle(turn, "none", "");
    else if (button.dataset.verdict === "dislike") askWhy(turn);
    else void settle(turn, "like", "");
  });
})();
