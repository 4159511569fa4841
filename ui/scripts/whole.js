/* "Whole document" opens the text below its quote. Without this script it is a plain link. */
(() => {
  "use strict";
  document.documentElement.dataset.whole = ""; // the style sheet shows the links only now
  let opened = 0;

  const close = (link) => {
    document.getElementById(link.getAttribute("aria-controls"))?.remove();
    link.setAttribute("aria-expanded", "false");
    link.removeAttribute("aria-controls");
  };

  const fill = async (link, box) => {
    const address = new URL(link.href);
    address.searchParams.set("part", "1");
    try {
      const reply = await fetch(address);
      if (!(reply.headers.get("content-type") || "").startsWith("text/html")) throw new Error();
      box.innerHTML = await reply.text(); // escaped by the server, as all of this page is
    } catch {
      box.textContent = link.dataset.failed;
    }
    box.removeAttribute("aria-busy");
    const mark = box.querySelector("mark");
    if (mark) {
      const above = mark.getBoundingClientRect().top - box.getBoundingClientRect().top;
      box.scrollTop += above - box.clientHeight / 4;
    }
  };

  const open = (link) => {
    const box = document.createElement("div");
    box.id = `cq-whole-${opened += 1}`;
    box.className = "cq-whole";
    box.tabIndex = 0; // a box that scrolls must be reached by keyboard
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", link.textContent);
    box.setAttribute("aria-busy", "true");
    link.parentElement.after(box);
    link.setAttribute("aria-expanded", "true");
    link.setAttribute("aria-controls", box.id);
    box.focus({ preventScroll: true });
    void fill(link, box).then(() => box.scrollIntoView({ block: "nearest" }));
  };

  document.addEventListener("click", (event) => {
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    const link = event.target instanceof Element && event.target.closest("a.cq-open");
    if (!link || !plain) return;
    event.preventDefault();
    if (link.getAttribute("aria-expanded") === "true") close(link);
    else open(link);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !(event.target instanceof Element)) return;
    const box = event.target.closest(".cq-whole");
    const link = box ? document.querySelector(`a[aria-controls="${box.id}"]`) : event.target.closest('a.cq-open[aria-expanded="true"]');
    if (!link) return;
    close(link);
    link.focus();
  });
})();
