/* The transcript: what the server sends of it goes where it belongs, and the rest is left alone. */
(() => {
  "use strict";
  const UNITS = "li, details, .cq-foot"; // of one piece: what a reader opened in it belongs to it
  const came = new WeakMap(); // turn on the page -> its sum, and the element as it was sent
  let latest = null; // the page, the turns that it was told of last, and the serial of that

  const read = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html; // rendered and escaped by the server, as all of this page is
    return template.content.firstElementChild;
  };

  // Makes `live`, which came as `last`, what `next` is. Scripts add and open things in units alone.
  const patch = (live, last, next) => {
    if (last.isEqualNode(next)) return;
    const fixed = !(next instanceof Element) || next.matches(UNITS);
    if (fixed || last.nodeName !== next.nodeName) {
      const made = next.cloneNode(true);
      if (live.nodeName === "DETAILS" && made.nodeName === "DETAILS") made.open = live.open;
      live.replaceWith(made);
      return;
    }
    for (const { name } of [...last.attributes]) if (!next.hasAttribute(name)) live.removeAttribute(name);
    for (const { name, value } of next.attributes) if (last.getAttribute(name) !== value) live.setAttribute(name, value);
    const before = [...last.childNodes], after = [...next.childNodes], there = [...live.childNodes];
    before.forEach((child, n) => {
      if (n < after.length) patch(there[n], child, after[n]);
      else there[n].remove();
    });
    live.append(...after.slice(before.length).map((child) => child.cloneNode(true)));
  };

  const place = (turn, sum, html) => {
    const next = read(html);
    const last = turn && came.get(turn)?.element;
    if (last) patch(turn, last, next);
    const made = last ? turn : next.cloneNode(true);
    came.set(made, { sum, element: next });
    return made;
  };

  /* Puts the turns in their places; returns whether none is wanting. */
  const arrange = (page, turns) => {
    const there = new Map([...page.children].map((turn) => [turn.id, turn]));
    const wanted = new Set(turns.map(({ number }) => `t${number}`));
    there.forEach((turn, id) => { if (!wanted.has(id)) turn.remove(); });
    let next = page.firstElementChild;
    let whole = true;
    for (const { number, sum, html } of turns) {
      const old = there.get(`t${number}`);
      if (html === undefined && came.get(old)?.sum !== sum) whole = false;
      const turn = html === undefined ? old : place(old, sum, html);
      if (turn && turn === next) next = next.nextElementSibling;
      else if (turn) page.insertBefore(turn, next);
      if (old && old !== turn) old.remove();
    }
    return whole;
  };

  /* Shows the turns that `ui.transcript` describes; asks for all of them if one is not here. */
  const show = (page, { turns, busy, told, serial }) => {
    if (serial < latest?.serial) return; // a step of before a Stop, come behind the reply to it
    latest = { page, turns, serial };
    const whole = arrange(page, turns);
    crossquote.shown(busy, told);
    if (!whole) crossquote.lack();
  };

  /* What was asked for may be older than what has come meanwhile: only what is wanting is taken. */
  const lend = ({ turns }) => {
    const sent = new Map(turns.map(({ sum, html }) => [sum, html]));
    const here = new Set([...latest.page.children].map((turn) => came.get(turn)?.sum));
    arrange(latest.page, latest.turns.map(({ number, sum }) => ({ number, sum, html: here.has(sum) ? undefined : sent.get(sum) })));
  };

  /* Words of the page itself were put into a turn: the server's are asked for when it is next named. */
  const disown = (turn) => { came.delete(turn); };

  Object.assign(window.crossquote, { show, lend, disown });
})();
