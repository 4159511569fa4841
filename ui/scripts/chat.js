/* Gestures of the transcript. Without this script, markers still jump to their sources. */
(() => {
  "use strict";
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const chinese = (navigator.language || "").toLowerCase().startsWith("zh");
  let shown = "";
  let seen = "";
  let spoken = "";

  const bring = (element, block) =>
    element.scrollIntoView({ block, behavior: calm.matches ? "auto" : "smooth" });

  const select = (card) => {
    document.querySelectorAll(".cq-card[aria-current]").forEach((other) => {
      other.removeAttribute("aria-current");
    });
    card.setAttribute("aria-current", "true");
    card.focus({ preventScroll: true });
    const tall = card.offsetHeight > window.innerHeight * 0.6;
    bring(tall ? card.querySelector("mark") : card, "center");
  };

  const copy = async (button) => {
    const text = button.parentElement.querySelector(".cq-plain").textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy"); // the clipboard API is missing outside https and localhost
      area.remove();
    }
    const label = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 1600);
  };

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const link = event.target.closest("a.cq-marker, a.cq-number");
    const target = link && document.getElementById(link.hash.slice(1));
    if (target) {
      event.preventDefault();
      if (target.matches(".cq-card")) {
        select(target);
      } else {
        target.focus({ preventScroll: true });
        bring(target, "center");
      }
    }
    const button = event.target.closest(".cq-copy");
    if (button) void copy(button);
  });

  // A hint near the right edge of the page goes to the left.
  const turnHint = (event) => {
    const word = event.target instanceof Element && event.target.closest(".cq-hint");
    if (!word) return;
    const page = document.documentElement.clientWidth;
    const widest = Math.min(256, 0.44 * page) + 32; // as the style sheet has it, and some air
    const left = word.getClientRects()[0].left; // it may go on in the next line
    word.style.setProperty("--cq-shift", `${Math.min(0, page - widest - left)}px`);
  };
  document.addEventListener("pointerover", turnHint);
  document.addEventListener("focusin", turnHint);

  // A reader who has gone to another turn meanwhile is left there.
  const isWatched = (turn) => {
    const { top, bottom } = turn.getBoundingClientRect();
    const elsewhere = document.activeElement?.closest(".cq-turn");
    return top < window.innerHeight && bottom > 0 && (!elsewhere || elsewhere === turn);
  };

  const follow = () => {
    const turns = document.querySelectorAll(".cq-turn");
    const turn = turns[turns.length - 1];
    const live = document.getElementById("cq-live");
    const text = [...(turn ? turn.querySelectorAll("[data-live]") : [])]
      .map((part) => part.textContent).join(" ");
    if (live && text !== spoken) live.textContent = spoken = text;
    const state = turn ? turn.id + turn.className : "";
    if (turn && state !== shown && (turn.id !== seen || isWatched(turn))) bring(turn, "start");
    shown = state;
    seen = turn ? turn.id : "";
  };

  const start = () => {
    const live = document.createElement("div");
    live.id = "cq-live";
    live.setAttribute("role", "status");
    document.body.append(live);
    const lang = chinese ? "zh-Hans" : "en"; // Gradio says "fr" to French readers of English words
    const root = document.documentElement;
    root.lang = lang;
    new MutationObserver(() => {
      if (root.lang !== lang) root.lang = lang;
      follow();
    }).observe(root, { subtree: true, childList: true, attributeFilter: ["lang", "class"] });
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
