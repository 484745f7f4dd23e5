"use strict";
// The page is whole without this: here are only the language switch, the filter, the search,
// and a printer's wish to see everything that is on the page.
(() => {
  const root = document.documentElement;
  const find = (query) => Array.from(document.querySelectorAll(query));
  const at = (id) => document.getElementById(id);
  const rows = find(".requirement");
  const filters = find("[data-filter]");
  const texts = new Map();
  let verdict = "";

  const speak = (language) => {
    root.lang = language;
    for (const each of find("[data-label-en]")) {
      const label = language === "ko" ? each.dataset.labelKo : each.dataset.labelEn;
      each.setAttribute("aria-label", label);
      if (each.id === "search") each.placeholder = label;
    }
    at("language").lang = language === "ko" ? "en" : "ko";
  };

  const fold = (text) => text.normalize("NFC").toLowerCase();

  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, fold(row.textContent));
    return texts.get(row);
  };

  const show = () => {
    const wanted = fold(at("search").value).split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits = (!verdict || row.dataset.verdict === verdict) &&
        wanted.every((word) => textOf(row).includes(word));
      row.hidden = !fits;
      count += fits ? 1 : 0;
    }
    at("shown").textContent = String(count);
    at("nothing").hidden = count > 0;
  };

  const choose = (value) => {
    verdict = value;
    for (const each of filters) {
      each.setAttribute("aria-pressed", String(each.dataset.filter === value));
    }
    show();
  };

  const follow = () => {
    const row = at(decodeURIComponent(location.hash.slice(1)));
    if (!row || !rows.includes(row)) return;
    at("search").value = "";
    choose("");
    row.open = true;
    row.scrollIntoView();
  };

  const open = (state) => {
    for (const row of rows) if (!row.hidden) row.open = state;
  };

  at("language").addEventListener("click", () => speak(root.lang === "ko" ? "en" : "ko"));
  for (const each of filters) each.addEventListener("click", () => choose(each.dataset.filter));
  at("search").addEventListener("input", show);
  at("open").addEventListener("click", () => open(true));
  at("close").addEventListener("click", () => open(false));
  addEventListener("hashchange", follow);

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = rows.filter((row) => !row.open);
    open(true);
  });
  addEventListener("afterprint", () => {
    for (const row of closed) row.open = false;
  });

  speak(root.lang);
  at("language").hidden = false;
  at("tools").hidden = false;
  follow();
})();
