/* The conversation of this tab: its id, those before it, its export. */
(() => {
  "use strict";
  const CURRENT = "crossquote-conversation", EARLIER = "crossquote-earlier", MOST = 12;
  const chinese = (navigator.language || "").toLowerCase().startsWith("zh");

  const told = () => JSON.parse(document.getElementById("cq-words-of-scripts").dataset.told);
  const say = () => told()[chinese ? "zh" : "en"];

  let here = ""; // the id, also where a browser forbids storage: such a page is forgotten when left

  const read = (storage, key) => {
    try { return window[storage].getItem(key); } catch { return null; }
  };
  const write = (storage, key, value) => {
    try { window[storage].setItem(key, value); } catch { /* kept in `here` alone */ }
  };

  const renew = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const id = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    here = id;
    write("sessionStorage", CURRENT, id);
    crossquote.leave();
    return id;
  };
  const current = () => {
    here = here || read("sessionStorage", CURRENT) || renew();
    return here;
  };

  const list = () => {
    try {
      const found = JSON.parse(read("localStorage", EARLIER) || "[]");
      return Array.isArray(found) ? found.filter((one) => /^[0-9a-f]{32}$/.test(one.id)) : [];
    } catch {
      return [];
    }
  };
  const remember = (title) => {
    const id = current();
    const before = list();
    if (before[0]?.id === id && before[0].title === title) return;
    const others = before.filter((one) => one.id !== id);
    write("localStorage", EARLIER, JSON.stringify([{ id, title }, ...others].slice(0, MOST)));
  };

  const make = (tag, attributes, ...content) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...content);
    return element;
  };

  const drop = async (id, title) => {
    if (!window.confirm(`${say().forget}?\n${title}`)) return;
    const response = await fetch(`/conversations/${id}`, { method: "DELETE" });
    if (!response.ok && response.status !== 404) return;
    write("localStorage", EARLIER, JSON.stringify(list().filter((one) => one.id !== id)));
    showEarlier(true);
  };

  const showEarlier = (again) => {
    const place = document.getElementById("cq-earlier");
    if (!place || (!again && place.dataset.shown)) return;
    place.dataset.shown = "yes";
    const others = told().kept ? list().filter((one) => one.id !== current()) : [];
    place.hidden = others.length === 0;
    const rows = others.map((one) => {
      const open = make("button", { type: "button", className: "cq-open-earlier", dir: "auto" }, one.title);
      open.addEventListener("click", () => {
        write("sessionStorage", CURRENT, one.id);
        location.reload();
      });
      const forget = make("button", { type: "button", className: "cq-forget", title: say().forget }, "×");
      forget.setAttribute("aria-label", `${say().forget}: ${one.title}`);
      forget.addEventListener("click", () => void drop(one.id, one.title));
      return make("li", {}, open, forget);
    });
    place.replaceChildren(make("h2", {}, say().earlier), make("ul", {}, ...rows));
  };

  const showTools = (turns) => {
    const tools = document.getElementById("cq-tools");
    const there = document.getElementById("cq-export");
    if (!tools || !told().kept) return;
    if (!there && turns.length) {
      const link = make("a", { id: "cq-export", download: "" }, say().export);
      link.href = `/conversations/${current()}.md`;
      tools.append(link);
    } else if (there && !turns.length) {
      there.remove();
    } else if (there) {
      there.href = `/conversations/${current()}.md`;
    }
  };

  const follow = () => {
    if (!document.getElementById("cq-words-of-scripts")) return;
    const turns = document.querySelectorAll(".cq-turn");
    if (!turns.length) showEarlier(false);
    else document.getElementById("cq-earlier")?.removeAttribute("data-shown");
    const first = document.querySelector(".cq-turn:not(.cq-is-pending) .cq-question");
    if (first && told().kept) remember(first.textContent.slice(0, 120));
    showTools(turns);
  };

  new MutationObserver(follow).observe(document.documentElement, { subtree: true, childList: true });
  window.crossquote = { read, write, current, renew, told, say };
})();
