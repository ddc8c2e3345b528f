"use strict";
// What a page does beyond links and forms: slides over time, keys, copying, and new events as they
// come. Everything works without it, only by loading pages.

const find = (selector, within = document) => within.querySelector(selector);
const say = (text) => { find("#said").textContent = text; };
const vietnamese = document.documentElement.lang === "vi";

// Fetch an address, and put its content in the place of this one.
let asked = 0;
async function go(address, { push = true, mark = false } = {}) {
  const number = ++asked;
  const main = find("#main");
  main.classList.add("waiting");
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const text = await answer.text();
    if (number !== asked) return;
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = find("#main", page);
    const focused = document.activeElement && document.activeElement.id;
    const open = find("#question details") && find("#question details").open;
    find("#main").replaceWith(fresh);
    if (open && find("#question details")) find("#question details").open = true;
    document.title = page.title;
    if (find(".other", page) && find(".other")) find(".other").href = find(".other", page).href;
    if (push) history.pushState(null, "", answer.url);
    if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
    if (mark) fresh.classList.add("fresh");
  } catch {
    if (number === asked) find("#main").classList.remove("waiting");
  }
}
window.addEventListener("popstate", () => go(location.href, { push: false }));

// Slides over time.
const iso = (first, days) => {
  const day = new Date(`${first}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
};
const shown = (day) => (vietnamese ? day.split("-").reverse().join("/") : day);
function slid(slide) {
  const day = iso(slide.dataset.first, Number(slide.value));
  const all = slide.dataset.all && slide.value === slide.max;
  return { day, all };
}
function addressOf(slide) {
  const { day, all } = slid(slide);
  const address = new URL(location.href);
  if (slide.dataset.for === "to") {
    address.searchParams.delete("window");
    address.searchParams.set("from", slide.dataset.windowFirst);
    address.searchParams.set("to", day);
  } else if (all) {
    address.searchParams.delete("as-of");
  } else {
    address.searchParams.set("as-of", day);
  }
  return address;
}
let pause;
document.addEventListener("input", ({ target }) => {
  if (!target.classList.contains("slide")) return;
  const { day, all } = slid(target);
  find(`#shown-${target.dataset.for}`).value = all ? target.dataset.all : shown(day);
  clearTimeout(pause);
  pause = setTimeout(() => go(addressOf(target)), 150);
});

// Forms ask without the parameters that are empty.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id === "question") {
    event.preventDefault();
    const address = new URL(form.action);
    for (const [name, value] of new FormData(form)) {
      if (value) address.searchParams.append(name, value);
    }
    go(address);
  } else if (form.classList.contains("find")) {
    event.preventDefault();
    const asked = new FormData(form);
    const code = asked.get("code").trim();
    const keep = asked.has("lang") ? `?lang=${asked.get("lang")}` : "";
    if (code) location.href = `/dossier/${encodeURIComponent(code)}${keep}`;
  }
});

// Links to other windows change the content alone, so that focus and place stay.
document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest("[data-copy]")) copy();
  if (target.closest("#show-keys")) find("#keys").showModal();
  const link = target.closest(".windows a, .pager a, .columns a, .narrowed a, th[scope] a");
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  if (link && plain && link.closest("#main") && new URL(link.href).pathname === location.pathname) {
    event.preventDefault();
    go(link.href);
  }
});
async function copy() {
  const command = find("#command");
  if (!command) return;
  try {
    await navigator.clipboard.writeText(command.textContent);
  } catch {
    getSelection().selectAllChildren(command);
    document.execCommand("copy");
  }
  say(vietnamese ? "Đã sao chép lệnh" : "The command is copied");
  const button = find("[data-copy]");
  const name = button.textContent;
  button.textContent = "✓";
  setTimeout(() => { button.textContent = name; }, 1200);
}

// Keys.
let before = "";
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea, dialog")) return;
  const arrow = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
  if (arrow && target.closest("tbody a")) {
    event.preventDefault();
    step(target.closest("td, th"), ...arrow);
  } else if (before === "g") {
    const entry = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (entry || key === "o") location.href = (entry || find(".brand")).href;
  } else if (key === "?") {
    find("#keys").showModal();
  } else if (key === "/") {
    event.preventDefault();
    find("#find").focus();
  } else if (key === "[" || key === "]") {
    const link = find(`#main [rel="${key === "[" ? "prev" : "next"}"]`);
    if (link) go(link.href);
  } else if (key === "u") {
    if (find("#up")) location.href = find("#up").href;
    else history.back();
  } else if (key === "c") {
    copy();
  }
  before = before === "g" ? "" : key;
});

// The next cell with a link, from a cell in one direction.
function step(cell, down, right) {
  const rows = [...cell.closest("table").rows];
  let row = rows.indexOf(cell.parentElement);
  let column = cell.cellIndex;
  while (rows[row + down] && rows[row + down].cells[column + right]) {
    row += down;
    column += right;
    const link = find("a", rows[row].cells[column]);
    if (link) { link.focus(); return; }
  }
}

// New events: what is shown is asked again, unless the address names what was known at a moment.
if (document.body.dataset.live && window.EventSource) {
  const source = new EventSource(document.body.dataset.live);
  let waiting = false;
  // What somebody is filling in stays: the page is made anew when the form is sent or left as it was.
  const chosen = (field) => Math.max([...field.options].findIndex((each) => each.defaultSelected), 0);
  const isChanged = (field) => field.matches("select")
    ? field.selectedIndex !== chosen(field)
    : field.value !== field.defaultValue;
  const isFilledIn = () => document.activeElement.matches("#main form :not(.slide)")
    || [...document.querySelectorAll("#main form :is(input:not(.slide), select)")].some(isChanged);
  const refresh = () => {
    if (!waiting || document.hidden || isFilledIn()) return;
    waiting = false;
    go(location.href, { push: false, mark: true });
  };
  source.addEventListener("grew", () => {
    if (new URL(location.href).searchParams.has("as-of")) return;
    waiting = true;
    refresh();
  });
  document.addEventListener("visibilitychange", refresh);
  document.addEventListener("focusout", () => setTimeout(refresh)); // when the next element has it
}
