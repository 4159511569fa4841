/* The question box: what is asked, asked again or changed, and what is being written meanwhile. */
(() => {
  "use strict";
  const BOX = "#cq-question textarea";
  const NEAR = 0.1; // of the limit: from there on, what is left is counted
  const PULSE_MS = 3000; // between two looks for the server while an answer is awaited
  const PATIENCE_MS = 10_000; // one that has much to do may be slow to say so
  const DRAFT = "crossquote-draft", ASKED = "crossquote-asked"; // outlast a reload of the page
  let fresh = true; // the page has not shown its turns yet
  let open = () => {};
  const loaded = new Promise((resolve) => { open = resolve; }); // until it has
  let busy = false; // the last turn is in work
  let sent = null; // what was sent, until the page shows it
  let back = null; // what went back to the box when the server was lost
  let again = null; // the turn that is asked again, and the draft that it was begun over
  let told = ""; // of the length, to a screen reader

  const box = () => document.querySelector(BOX);
  const last = () => [...document.querySelectorAll("#cq-page .cq-turn")].pop();
  const read = (turn) => turn?.querySelector(".cq-question").textContent;
  const size = (text) => [...text].length; // code points, as the server counts
  const limit = () => crossquote.told().limit;
  const put = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name].toLocaleString("en"));

  const store = (name, value) => crossquote.write("sessionStorage", name, value);
  const recall = (name) => crossquote.read("sessionStorage", name) || "";

  const fill = (text) => {
    const area = box();
    if (!area) return;
    area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const giveBack = (question) => { // before what was written since
    const written = box()?.value.trim() || "";
    if (!written.includes(question)) fill([question, written].filter(Boolean).join("\n"));
  };

  const line = (id, role) => {
    const there = document.getElementById(id);
    if (there) return there;
    const made = Object.assign(document.createElement("p"), { id });
    if (role) made.setAttribute("role", role);
    else made.setAttribute("aria-hidden", "true");
    document.getElementById("cq-bar").prepend(made);
    return made;
  };
  const note = (text) => {
    if (text) line("cq-note", "status").textContent = text;
    else document.getElementById("cq-note")?.remove();
  };

  const leave = () => { // the change of a question that had begun
    if (again?.edits) fill(again.draft);
    again = null;
    document.getElementById("cq-editing")?.remove();
  };

  const repeat = (button) => {
    leave();
    const turn = button.closest(".cq-turn");
    const edits = button.matches(".cq-edit");
    again = { place: turn.id.slice(1), question: read(turn), draft: box().value, edits };
    if (!edits) {
      document.getElementById("cq-ask")?.click();
      return;
    }
    fill(again.question);
    line("cq-editing", "status").textContent = crossquote.say().editing;
    box().focus();
  };

  /* What a question is asked with: what the event of the page gives to the server.

     One that is asked of a page that is still being loaded waits for its turns: else those that it
     has from before may come after the answer, and take its place. */
  const ask = async (typed, turns, by) => {
    if (fresh) await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    const place = again?.place || "";
    const boxed = !again || again.edits; // else what stands in the box is another question
    const question = boxed ? typed : again.question;
    if (!boxed) again = null;
    if (!busy && question.trim()) {
      sent = { question, boxed, over: last()?.outerHTML };
      store(ASKED, question);
      setTimeout(feel, PULSE_MS);
    }
    return [question, turns, place, crossquote.current(), by];
  };

  const setBusy = (works) => { // what of the page can be seen goes by this
    busy = works;
    document.body.classList.toggle("cq-busy", busy);
    document.body.classList.toggle("cq-asked", Boolean(last()));
  };

  /* Called when the page shows its turns; `what` names what is to be said beside. */
  const shown = (works, what) => {
    setBusy(works);
    const turn = last();
    if (sent && turn?.outerHTML !== sent.over && (busy || read(turn) === sent.question)) {
      if (sent.boxed && box()?.value === sent.question) fill(again?.draft || "");
      if (sent.boxed) again = null;
      sent = null;
      document.getElementById("cq-editing")?.remove();
      note("");
    }
    if (fresh) begin();
    else if (!busy && !sent) store(ASKED, "");
    if (back && !busy && read(turn) === back) { // the answer has come after all
      if (box()?.value === back) fill("");
      back = null;
      note("");
    }
    if (what) note(crossquote.say()[what]);
  };

  /* A page that is loaded gets back what was being written, and what was asked and is not in it. */
  const begin = () => {
    fresh = false;
    open();
    const asked = recall(ASKED);
    store(ASKED, "");
    if (!box()?.value && recall(DRAFT)) fill(recall(DRAFT));
    if (!asked || [...document.querySelectorAll("#cq-page .cq-turn")].some((turn) => read(turn) === asked)) return;
    giveBack(asked);
    note(crossquote.say().broken);
  };

  const fail = (turn, text) => {
    const said = crossquote.say();
    const make = (tag, className, content) => Object.assign(document.createElement(tag), { className, textContent: content });
    const told = make("div", "cq-notice", "");
    told.append(make("p", "cq-label", said.failed_label), make("p", "cq-statement", text));
    const foot = make("div", "cq-foot", "");
    foot.append(Object.assign(make("button", "cq-act cq-retry", said.retry), { type: "button" }));
    const whole = make("div", "cq-said", "");
    whole.append(told, foot);
    crossquote.disown(turn);
    turn.className = "cq-turn cq-is-notice";
    turn.querySelector(".cq-body").replaceChildren(whole);
  };

  /* The server was lost, or turned the question away: it goes back to the box it came from. */
  const lost = async () => {
    if (!busy && !sent) return;
    const turn = busy ? last() : null;
    back = turn ? read(turn) : sent.question;
    sent = null;
    setBusy(false);
    const text = crossquote.say()[await isThere() ? "broken" : "lost"];
    giveBack(back);
    if (turn) fail(turn, text);
    note(text);
  };

  const isThere = async () => {
    try {
      return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) })).ok;
    } catch {
      return false;
    }
  };
  const feel = async () => {
    if (!busy && !sent) return;
    if (await isThere()) setTimeout(feel, PULSE_MS);
    else void lost(); // Gradio may not have noticed
  };

  const count = (area) => {
    const n = size(area.value), most = limit(), left = most - n;
    const state = left < 0 ? "too_long" : left <= most * NEAR ? "near" : "";
    if (state) line("cq-count").textContent = put(crossquote.say().counted, { n, most });
    else document.getElementById("cq-count")?.remove();
    document.getElementById("cq-count")?.classList.toggle("cq-over", left < 0);
    area.setAttribute("aria-invalid", String(left < 0));
    const said = line("cq-length", "status");
    if (state === told) return;
    told = state; // once for each side of the limit: not at every key
    said.textContent = state ? put(crossquote.say()[state], { n: Math.abs(left), most }) : "";
  };

  const holdBack = (event) => {
    const area = box();
    if (!area || again && !again.edits || size(area.value) <= limit()) return;
    const over = size(area.value) - limit();
    event.preventDefault();
    event.stopImmediatePropagation();
    note("");
    note(put(crossquote.say().too_long, { n: over, most: limit() }));
    area.focus();
  };

  window.addEventListener("keydown", (event) => {
    const sends = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (sends && event.target === box()) holdBack(event);
    if (event.key === "Escape" && again) leave();
  }, true);
  window.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("#cq-ask, .cq-retry, .cq-edit");
    if (!button) return;
    if (button.id === "cq-ask") holdBack(event);
    else repeat(button);
  }, true);
  window.addEventListener("input", (event) => {
    if (event.target !== box()) return;
    store(DRAFT, event.target.value);
    count(event.target);
  });
  Object.assign(window.crossquote, { ask, shown, lost, leave });
})();
