// Keys, and nothing else: every page works without this file.
"use strict";

const cards = () => Array.from(document.querySelectorAll("[data-card]"));

function step(by) {
  const all = cards();
  if (!all.length) {
    document.querySelector(by > 0 ? "a[rel=next]" : "a[rel=prev]")?.click();
    return;
  }
  const now = all.findIndex((card) => card.classList.contains("at"));
  const next = now < 0 ? (by > 0 ? 0 : all.length - 1) : now + by;
  if (next < 0 || next >= all.length) {
    document.querySelector(by > 0 ? "a[rel=next]" : "a[rel=prev]")?.click();
    return;
  }
  all[now]?.classList.remove("at");
  all[next].classList.add("at");
  all[next].querySelector("a")?.focus({ preventScroll: true });
  all[next].scrollIntoView({ block: "start" });
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  n: () => document.querySelector("a[rel=next]")?.click(),
  p: () => document.querySelector("a[rel=prev]")?.click(),
  r: () => document.querySelector("[data-key=r]")?.click(),
  t: () => document.querySelector("[data-key=t]")?.click(),
  "?": () => { location.href = "/help"; },
  "/": () => {
    const search = document.querySelector("input[type=search]");
    if (!search) { location.href = "/documents"; return; }
    search.closest("details")?.setAttribute("open", "");
    search.focus();
    search.select();
  },
};

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input, select, textarea");
  if (event.key === "Escape" && field) { field.blur(); return; }
  if (field || event.ctrlKey || event.metaKey || event.altKey) return;
  const verdict = document.querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
  if (verdict) { event.preventDefault(); verdict.click(); return; }
  const act = keys[event.key];
  if (act) { event.preventDefault(); act(); }
});

// On a wide screen the filter stands open, on a phone behind its name.
if (matchMedia("(max-width: 900px)").matches) document.querySelector("details.filter")?.removeAttribute("open");
