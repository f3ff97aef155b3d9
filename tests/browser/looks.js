// What a person would see: contrast, names of controls, room, focus. Called by Tab.look.

const shown = (element) => {
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  return element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && box.width > 1 && box.height > 1
    && style.clipPath !== "inset(50%)";
};

const called = (element) => {
  const id = element.id ? `#${element.id}` : "";
  const words = (element.textContent || element.value || "").trim().replace(/\s+/g, " ").slice(0, 40);
  return `<${element.localName}${id}${element.className?.baseVal ?? element.className ? "." + (element.className.baseVal ?? element.className).replace(/ /g, ".") : ""}> ${words}`;
};

const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const rgba = (colour) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = (top, below) => {
  const a = top[3];
  return [0, 1, 2].map((i) => top[i] * a + below[i] * (1 - a)).concat(1);
};
const luminance = (colour) => {
  const [r, g, b] = colour.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (one, other) => {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
};
const ground = (element) => {
  const layers = [];
  for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
  const page = matchMedia("(prefers-color-scheme: dark)").matches
    && getComputedStyle(document.documentElement).colorScheme.includes("dark") ? [18, 18, 18, 1] : [255, 255, 255, 1];
  return layers.reduceRight((below, top) => over(top, below), page);
};

// Texts that stand out too little from what is behind them (WCAG 2 AA: 4.5, large ones 3).
function lowContrast() {
  const found = new Map(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode, element = text.parentElement;
    if (!text.data.trim() || !shown(element) || element.closest("title, style, script, option, [aria-hidden=true], :disabled")) continue;
    const style = getComputedStyle(element), isDrawn = element.namespaceURI.endsWith("/svg");
    const back = ground(element);
    let colour = rgba(isDrawn ? style.fill : style.color);
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= getComputedStyle(at).opacity;
    colour = over([...colour.slice(0, 3), colour[3] * opacity], back);
    const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const held = ratio(colour, back);
    if (held < (isLarge ? 3 : 4.5) - 0.01) {
      const key = `${style.color} ${style.fill} on ${back.map(Math.round)}`;
      if (!found.has(key)) found.set(key, `${held.toFixed(2)}: ${called(element)} (${isDrawn ? style.fill : style.color} on ${back.map(Math.round)})`);
    }
  }
  return [...found.values()];
}

const nameOf = (element) => {
  const by = element.getAttribute("aria-labelledby");
  return (by && by.split(/\s+/).map((id) => document.getElementById(id)?.textContent).join(" ").trim())
    || element.getAttribute("aria-label")?.trim()
    || [...(element.labels || [])].map((label) => label.textContent).join(" ").trim()
    || (["BUTTON", "A", "SUMMARY"].includes(element.tagName) && (element.textContent.trim()
      || [...element.querySelectorAll("img[alt], svg title")].map((e) => e.alt || e.textContent).join(" ").trim()))
    || element.title?.trim() || (element.type === "submit" && element.value) || "";
};

// Controls without a name that a screen reader could say.
const unnamed = () => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [tabindex]")]
  .filter((element) => shown(element) && !nameOf(element)
    && !(element.hasAttribute("tabindex") && (element.getAttribute("role") === "region" || element.matches("table, pre, div, section")) && nameOf(element)))
  .map(called);

// Two things of one id, labels of nothing, pictures without words, headings that skip a level.
function structure() {
  const faults = [], ids = new Map();
  for (const element of document.querySelectorAll("[id]")) ids.set(element.id, (ids.get(element.id) || 0) + 1);
  for (const [id, n] of ids) if (n > 1) faults.push(`${n} times id ${id}`);
  for (const label of document.querySelectorAll("label[for]")) if (!document.getElementById(label.htmlFor)) faults.push(`label of nothing: ${label.htmlFor}`);
  for (const picture of document.querySelectorAll("img:not([alt]), svg:not([aria-hidden]):not([aria-label]):not([aria-labelledby])"))
    if (shown(picture) && !picture.querySelector("title") && !picture.closest("[aria-hidden=true], [role=img]")) faults.push(`picture without words: ${called(picture)}`);
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    if (!shown(heading) || heading.closest("[data-text], .text, .markdown")) continue;
    const now = Number(heading.localName[1]);
    if (now > level + 1) faults.push(`h${now} behind h${level}: ${called(heading)}`);
    level = now;
  }
  if (document.querySelectorAll("h1").length < 1) faults.push("no h1");
  if (!document.documentElement.lang) faults.push("no language of the page");
  if (!document.title.trim()) faults.push("no title");
  if (!document.querySelector("main")) faults.push("no main");
  return faults;
}

// What makes the page wider than the window: things that no scrolling box of their own holds.
function tooWide() {
  const room = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= room) return [];
  const wide = [...document.body.querySelectorAll("*")].filter((element) => {
    if (!shown(element) || element.getBoundingClientRect().right <= room + 1) return false;
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement)
      if (getComputedStyle(at).overflowX !== "visible") return false;
    return true;
  });
  return [`${document.scrollingElement.scrollWidth} of ${room} pixels`, ...wide.slice(0, 5).map(called)];
}

// The control that has the focus: where it is, and whether that can be seen.
function focused() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const look = (style) => [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.borderColor, style.backgroundColor, style.textDecoration].join("|");
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1
    ? ratio(rgba(style.outlineColor), ground(element.parentElement || element)) : 0;
  const all = [...document.querySelectorAll("*")];
  return { place: all.indexOf(element), called: called(element), isShown: shown(element), ring, look: look(style),
    isInside: box.bottom > 0 && box.top < innerHeight, tabindex: element.tabIndex };
}

// What Tab should reach, in the order of the page.
const reachable = () => [...document.querySelectorAll("*")].map((element, place) => ({ element, place }))
  .filter(({ element }) => element.matches("a[href], button:not(:disabled), input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex='0']") && shown(element)
    && !(element.type === "radio" && !element.checked))
  .map(({ element, place }) => ({ place, called: called(element) }));

// Controls too small for a finger: less than 24 pixels either way (WCAG 2.2 AA), links within a text apart.
const tooSmall = () => [...document.querySelectorAll("button, input:not([type=hidden]), select, textarea, summary, nav a")]
  .filter((element) => { const box = (element.labels?.[0] || element).getBoundingClientRect(); const own = element.getBoundingClientRect();
    return shown(element) && Math.max(box.height, own.height) < 24; })
  .map((element) => `${Math.round(element.getBoundingClientRect().height)}: ${called(element)}`);

// Boxes with more in them than they show sideways: on paper it is lost.
const cutOff = () => [...document.querySelectorAll("*")]
  .filter((element) => shown(element) && getComputedStyle(element).overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1
    && element.namespaceURI.endsWith("xhtml"))
  .map((element) => `${element.scrollWidth} in ${element.clientWidth}: ${called(element)}`);

// Boxes that scroll and cannot be reached by the keyboard (Chromium reaches those without controls by itself).
const deafBoxes = () => [...document.querySelectorAll("*")]
  .filter((element) => shown(element) && ["auto", "scroll"].includes(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth + 1
    && element.tabIndex < 0 && element.querySelector("a[href], button, input, summary, [tabindex='0']"))
  .map(called);
