/* Takes files that are dropped on any page, and tells how far they are. On the page of documents it
   also takes chosen ones and removes documents; elsewhere a panel of its own appears. */
(() => {
  "use strict";
  const { kinds, fileBytes, words } = window.crossquoteDocuments;
  const AT_ONCE = 3;
  const POLL_MS = 700;
  const OURS = { "x-crossquote": "1" };
  const say = () => words[document.documentElement.lang.startsWith("zh") ? "zh-Hans" : "en"];
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const count = (pair, n) => fill(pair[n === 1 ? 0 : 1], { n: n.toLocaleString("en") });
  const waiting = [];
  let refused = [];
  let replacing = new Set(); // names of files that took the place of others
  let taken = 0; // files that the server has, since the end was last told
  let copying = null; // { files, bytes, sent, lost } while files are on their way
  let following = false;

  const make = (tag, text = "", attributes = {}) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    return element;
  };

  /* what is shown */
  const find = () => {
    let panel = document.getElementById("cq-taking");
    if (!panel) {
      panel = make("aside", "", { id: "cq-taking", class: "cq-taking cq-floating", hidden: "" });
      document.body.append(panel);
    }
    if (!panel.querySelector(".cq-unseen")) {
      panel.append(
        make("p", "", { class: "cq-unseen", role: "status" }),
        make("div", "", { class: "cq-shown" }),
      );
    }
    return panel;
  };

  // what changes every second is shown; only what begins and ends is spoken
  const show = (spoken, ...shown) => {
    const panel = find();
    panel.hidden = false;
    const status = panel.querySelector(".cq-unseen");
    if (status.textContent !== spoken) status.textContent = spoken;
    panel.querySelector(".cq-shown").replaceChildren(...shown);
  };

  const bar = (label, done, total) => {
    const progress = make("progress", "", { "aria-label": label });
    if (total) Object.assign(progress, { max: total, value: done });
    return progress;
  };

  const line = (text, aside = "") => {
    const now = make("p", "", { class: "cq-now" });
    now.append(make("span", text, { dir: "auto" }), make("span", aside));
    return now;
  };

  const list = (items) => {
    const all = make("ul");
    items.forEach(({ name, reason, language }) => {
      const item = make("li");
      item.append(make("span", name, { dir: "auto", ...(language && { lang: language }) }));
      if (reason) {
        item.append(": ", make("span", reason, { class: "cq-why", dir: "auto" }));
      }
      all.append(item);
    });
    return all;
  };

  const tell = (title, items, total) => {
    if (!total) return [];
    const more = total - items.length;
    const rest = more > 0 ? [make("p", fill(say().more, { n: more }), { class: "cq-why" })] : [];
    return [make("h2", title), list(items), ...rest];
  };

  const time = (seconds) => {
    if (seconds < 60) return fill(say().seconds, { n: Math.max(1, seconds) });
    if (seconds < 5400) return fill(say().minutes, { n: Math.round(seconds / 60) });
    return fill(say().hours, { n: Math.round(seconds / 3600) });
  };

  const ways = (...elements) => {
    const all = make("p", "", { class: "cq-next" });
    all.append(...elements);
    return all;
  };

  const button = (text, action) => {
    const element = make("button", text, { type: "button", class: "cq-quiet" });
    element.addEventListener("click", action);
    return element;
  };

  const close = () => {
    refused = [];
    find().hidden = true;
  };

  const showLost = () => {
    show(say().lost, make("p", say().lost), ways(button(say().again, () => void start())));
  };

  /* copying */
  const send = ({ name, file }) =>
    new Promise((resolve) => {
      const request = new XMLHttpRequest();
      let before = 0;
      request.open("PUT", `/documents/files/${encodeURIComponent(name)}`);
      Object.entries(OURS).forEach((pair) => request.setRequestHeader(...pair));
      request.upload.addEventListener("progress", (event) => {
        copying.sent += event.loaded - before;
        before = event.loaded;
        showCopying();
      });
      request.addEventListener("loadend", () => {
        copying.sent += file.size - before;
        resolve(request);
      });
      request.send(file);
    });

  const showCopying = () => {
    const said = count(say().uploading, copying.files);
    const part = copying.bytes ? Math.round((100 * copying.sent) / copying.bytes) : 100;
    show(said, line(said, `${Math.min(100, part)} %`), bar(said, copying.sent, copying.bytes));
  };

  const note = (text) => {
    try {
      const { name, replaced } = JSON.parse(text);
      taken += 1;
      if (replaced) replacing.add(name);
    } catch {
      copying.lost = true; // something between here and the server has answered
    }
  };

  const work = async () => {
    while (waiting.length) {
      const item = waiting.shift();
      const reply = await send(item);
      if (reply.status === 0) copying.lost = true;
      else if (reply.status >= 300) refused.push({ name: item.name, reason: reply.responseText });
      else note(reply.responseText);
    }
  };

  const check = ({ name, file }) => {
    const kind = (/\.[^.]*$/.exec(name) || [""])[0].toLowerCase();
    if (!kinds.includes(kind)) return say().type;
    return file.size > fileBytes ? say().large : "";
  };

  const take = async (found) => {
    found.forEach((item) => {
      const reason = check(item);
      if (reason) refused.push({ name: item.name, reason });
    });
    const good = found.filter((item) => !check(item));
    waiting.push(...good);
    const bytes = good.reduce((sum, { file }) => sum + file.size, 0);
    if (copying) {
      copying.files += good.length;
      copying.bytes += bytes;
      return;
    }
    copying = { files: good.length, bytes, sent: 0, lost: false };
    if (good.length) showCopying();
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    const { lost } = copying;
    copying = null;
    if (lost) showLost();
    else if (taken) await start();
    else if (!following) showEnd(null);
  };

  /* reading */
  const start = async () => {
    try {
      const reply = await fetch("/documents/index", { method: "POST", headers: OURS });
      if (!reply.ok) throw new Error(reply.statusText);
      if (!following) await follow();
    } catch {
      showLost();
    }
  };

  const follow = async () => {
    following = true;
    try {
      for (;;) {
        const state = await (await fetch("/documents/job")).json();
        if (!state.running) {
          following = false;
          if (!copying) await end(state);
          return;
        }
        if (!copying) showState(state);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    } finally {
      following = false;
    }
  };

  const showState = (state) => {
    const said = state.name ? fill(say().reading, { name: state.name }) : say().waiting;
    const left = state.left === null ? "" : fill(say().left, { time: time(state.left) });
    show(say().waiting, line(said, left), bar(said, state.done, state.total));
  };

  // the list first: what is told as added stands in it
  const end = async (state) => {
    if (document.getElementById("cq-list")) await refresh();
    if (!copying && !following) showEnd(state);
  };

  const showEnd = (state) => {
    const nothing = { count: 0, first: [] };
    const { added, skipped, warned, error, reference } = state || {
      added: nothing, skipped: nothing, warned: nothing, error: "", reference: "",
    };
    const out = [...refused, ...skipped.first];
    const outCount = refused.length + skipped.count;
    const titles = added.first.map(({ title, language }) => ({ name: title, language }));
    const files = new Set(added.first.map(({ file }) => file));
    const over = [...files].filter((file) => replacing.has(file)).map((name) => ({ name }));
    const replaced = over.length ? count(say().replaced, over.length) : "";
    const failure = reference ? fill(say().failed, { reference }) : error;
    const here = document.getElementById("cq-list");
    const none = taken && state && !skipped.count ? say().same : say().none_added;
    const came = added.count ? count(say().added, added.count) : none;
    const left = outCount ? count(say().skipped, outCount) : "";
    const next = [];
    if (failure) next.push(button(say().again, () => void start()));
    const [name, href] = here ? [say().ask, "/"] : [say().see, "/documents"];
    if (added.count) next.push(make("a", name, { href, class: "cq-go" }));
    next.push(button(say().close, close));
    show(
      [failure, came, replaced, left].filter(Boolean).join(". "),
      ...(failure ? [make("p", failure, { dir: "auto" })] : []),
      ...(added.count ? tell(came, titles, added.count) : failure ? [] : [make("p", came)]),
      ...tell(replaced, over, over.length),
      ...tell(left, out, outCount),
      ...tell(count(say().warned, warned.count), warned.first, warned.count),
      ways(...next),
    );
    refused = [];
    replacing = new Set();
    taken = 0;
  };

  /* the list */
  const refresh = async () => {
    const reply = await fetch(location.href);
    if (!reply.ok) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    for (const selector of ["#cq-told", "#cq-list"]) {
      const [before, now] = [document, fresh].map((page) => page.querySelector(selector));
      if (before && now) before.replaceChildren(...now.childNodes);
    }
  };

  const remove = async ({ dataset }) => {
    const { remove: id, name, added } = dataset;
    const question = added === "1" ? say().sure_file : say().sure_folder;
    if (!window.confirm(fill(question, { name }))) return;
    let said = fill(say().removed, { name });
    try {
      const address = `/documents/files?id=${encodeURIComponent(id)}`;
      const reply = await fetch(address, { method: "DELETE", headers: OURS });
      if (!reply.ok) said = await reply.text();
      await refresh();
    } catch {
      said = say().lost;
    }
    show(said, make("p", said, { dir: "auto" }), ways(button(say().close, close)));
    document.querySelector("#cq-told h1").focus();
  };

  /* gestures */
  const read = async (entry, way = "") => {
    if (entry.name.startsWith(".")) return [];
    if (entry.isFile) {
      const file = await new Promise((resolve, fail) => entry.file(resolve, fail));
      return [{ name: way + entry.name, file }];
    }
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const part = await new Promise((resolve, fail) => reader.readEntries(resolve, fail));
      if (!part.length) return found;
      for (const inner of part) found.push(...(await read(inner, `${way}${entry.name} - `)));
    }
  };

  const unpack = async (data) => {
    const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = [...data.files].map((file) => ({ name: file.name, file }));
    if (!entries.some((entry) => entry.isDirectory)) return files;
    return (await Promise.all(entries.map((entry) => read(entry)))).flat();
  };

  const drag = (event, over) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.dataset.drop = say().drop;
    document.body.classList.toggle("cq-dragging", over);
  };

  addEventListener("dragenter", (event) => drag(event, true));
  addEventListener("dragover", (event) => drag(event, true));
  addEventListener("dragleave", (event) => drag(event, event.relatedTarget !== null));
  addEventListener("drop", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    const found = unpack(event.dataTransfer); // before the event is over, or its files are gone
    drag(event, false);
    void found.then(take);
  });
  addEventListener("change", ({ target }) => {
    if (target.id !== "cq-files") return;
    void take([...target.files].map((file) => ({ name: file.name, file })));
    target.value = "";
  });
  addEventListener("click", ({ target }) => {
    const chosen = target instanceof Element && target.closest("[data-remove]");
    if (chosen) void remove(chosen);
  });
  addEventListener("beforeunload", (event) => copying && event.preventDefault());

  if (document.getElementById("cq-taking")?.dataset.running === "1") void follow().catch(showLost);
})();
