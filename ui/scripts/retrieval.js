/* Point at a passage in one column, and it is marked in all. The page does without. */
(() => {
  "use strict";
  const mark = (number) => {
    document.querySelectorAll("[data-passage]").forEach((item) => {
      item.classList.toggle("cq-same", item.dataset.passage === number);
    });
  };
  const follow = (event) => {
    const item = event.target instanceof Element && event.target.closest("[data-passage]");
    mark(item ? item.dataset.passage : "");
  };
  document.addEventListener("pointerover", follow);
  document.addEventListener("focusin", follow);
})();
