"use strict";
// The search over the index of this language, which is loaded when somebody first wants it.
//
// Names count above labels, labels above what others call a thing, that above its sentence. Hangul
// is matched by its letters: an initial consonant (ㅊ) stands for every syllable that begins with
// it, and a last syllable without final consonant (저) for those that go on (정), so that results
// are there while a word is still being typed.
(() => {
  const [NAME, WHERE, LABEL, OTHER, SENTENCE, PAGE, THEIRS] = [1, 2, 3, 4, 5, 6, 7];
  const MOST = 30;
  const INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
  const FIRST = 0xac00;
  const LAST = 0xd7a3;

  const box = document.getElementById("search");
  const whole = box.closest(".search");
  const panel = whole.querySelector(".panel");
  const list = document.getElementById("results");
  const found = document.getElementById("found");
  const { root, index: file } = document.body.dataset;
  let ready = null;
  let chosen = -1;

  // Decomposed Hangul (as macOS writes file names) becomes syllables, a lone initial its letter.
  const normal = (text) => text.normalize("NFC").toLowerCase()
    .replace(/[\u1100-\u1112]/g, (each) => INITIALS[each.charCodeAt(0) - 0x1100]);

  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\\/-]/g, "\\$&");

  // What a typed text matches, as the source of a regular expression.
  const source = (text) => [...text].map((each, at, all) => {
    const initial = INITIALS.indexOf(each);
    const code = each.codePointAt(0);
    if (initial >= 0) {
      const start = FIRST + initial * 588;
      return `[${each}${String.fromCodePoint(start)}-${String.fromCodePoint(start + 587)}]`;
    }
    if (at === all.length - 1 && code >= FIRST && code <= LAST && (code - FIRST) % 28 === 0) {
      return `[${each}-${String.fromCodePoint(code + 27)}]`;
    }
    return escaped(each);
  }).join("");

  // camelCase, snake_case and kebab-case fall apart into words: dataItem -> data item.
  const parts = (text) => text.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase()
    .split(/[^\p{L}\p{N}]+/u).filter(Boolean).join(" ");

  const prepare = (data) => data.entries.map((entry, order) => {
    const text = (at) => normal(entry[at] ?? "");
    const theirs = (entry[THEIRS] ?? []).map(([standard, path]) => `${data.standards[standard]} ${path}`);
    return {
      entry,
      order,
      kind: entry[0],
      name: text(NAME),
      parts: ` ${parts(entry[NAME])}`,
      labels: [text(LABEL), text(OTHER)],
      where: text(WHERE),
      theirs,
      foreign: theirs.map((each) => normal(each)),
      // What others call it, whole: EXECUTION and not a path that EXECUTION is a part of.
      alias: new Set((entry[THEIRS] ?? []).map(([, path]) => normal(path))),
      sentence: text(SENTENCE),
    };
  });

  // How well one typed word fits one entry; 0: not at all.
  const fits = (each, word) => {
    const { text, any, first, complete, begins } = word;
    if (each.name === text) return 100;
    if (each.labels.includes(text)) return 92;
    if (each.alias.has(text)) return 84;
    if (each.name.startsWith(text)) return 80;
    if (each.parts.includes(` ${text}`)) return 70;
    if (each.labels.some((label) => complete.test(label))) return 66;
    if (each.labels.some((label) => first.test(label))) return 62;
    if (each.name.includes(text)) return 56;
    if (each.labels.some((label) => any.test(label))) return 50;
    if (each.foreign.some((path) => begins.test(path))) return 40;
    if (begins.test(each.where)) return 30;
    if (text.length > 2 && each.foreign.some((path) => path.includes(text))) return 24;
    if (word.hangul ? each.sentence.includes(text) : begins.test(each.sentence)) return 12;
    return 0;
  };

  const search = (entries, query) => {
    const words = normal(query).split(/\s+/).filter(Boolean).map((text) => ({
      text,
      any: new RegExp(source(text), "u"),
      first: new RegExp(`^${source(text)}`, "u"),
      complete: new RegExp(`^${source(text)}$`, "u"),
      begins: new RegExp(`(^|[^\\p{L}\\p{N}])${escaped(text)}`, "u"),
      hangul: /[\uac00-\ud7a3]/.test(text),
    }));
    if (!words.length) return [];
    const hits = [];
    for (const each of entries) {
      let points = 0;
      for (const word of words) {
        const one = fits(each, word);
        points = one ? points + one : -Infinity;
      }
      if (points > 0) hits.push([points, each]);
    }
    // Equal ones: the more general kind first, then the shorter name, then as the index has them.
    hits.sort(([a, one], [b, other]) => b - a || one.kind - other.kind
      || one.name.length - other.name.length || one.order - other.order);
    return hits.map(([, each]) => each);
  };

  const element = (tag, name, text) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  };

  // The text, with what was typed set off.
  const marked = (made, text, words) => {
    const sources = words.map((word) => source(word)).filter(Boolean);
    const hit = new RegExp(sources.join("|"), "giu");
    let end = 0;
    for (const { index, 0: match } of text.normalize("NFC").matchAll(hit)) {
      if (!match) continue;
      made.append(text.normalize("NFC").slice(end, index), element("mark", "", match));
      end = index + match.length;
    }
    made.append(text.normalize("NFC").slice(end));
    return made;
  };

  const row = (data, { entry, theirs, foreign }, number, words) => {
    const item = element("li");
    item.id = `result-${number}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    const link = element("a");
    link.href = root + entry[PAGE];
    link.tabIndex = -1;
    const head = element("span", "head");
    const code = element("code");
    if (entry[WHERE] && data.nested.includes(entry[0])) {
      code.append(element("span", "above", `${entry[WHERE]} › `));
    }
    head.append(element("span", "kind", data.kinds[entry[0]]), marked(code, entry[NAME], words));
    if (entry[LABEL]) head.append(" ", marked(element("span", "label"), entry[LABEL], words));
    link.append(head);
    const other = theirs[foreign.findIndex((path) => words.some((word) => path.includes(word)))];
    if (other) link.append(marked(element("span", "theirs"), other, words));
    if (entry[SENTENCE]) link.append(marked(element("span", "sentence"), entry[SENTENCE], words));
    item.append(link);
    return item;
  };

  const choose = (number) => {
    const items = [...list.children];
    if (items[chosen]) items[chosen].setAttribute("aria-selected", "false");
    chosen = items.length ? (number + items.length) % items.length : -1;
    if (chosen < 0) {
      box.removeAttribute("aria-activedescendant");
      return;
    }
    items[chosen].setAttribute("aria-selected", "true");
    items[chosen].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", items[chosen].id);
  };

  const close = () => {
    panel.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };

  const show = async () => {
    const query = box.value;
    if (!query.trim()) {
      list.replaceChildren();
      close();
      return;
    }
    let data;
    try {
      data = await load();
    } catch {
      found.textContent = found.dataset.failed;
      panel.hidden = false;
      return;
    }
    if (box.value !== query) return;
    const begun = performance.now();
    const hits = search(data.entries, query);
    const words = normal(query).split(/\s+/).filter(Boolean);
    list.replaceChildren(...hits.slice(0, MOST).map((each, number) => row(data, each, number, words)));
    found.textContent = hits.length ? found.dataset.some.replace("{n}", hits.length) : found.dataset.none;
    panel.hidden = false;
    box.setAttribute("aria-expanded", "true");
    chosen = -1;
    choose(0);
    list.dataset.milliseconds = (performance.now() - begun).toFixed(1);
    list.dataset.query = query;
  };

  const load = () => {
    ready ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = file;
      script.addEventListener("load", () => {
        const { kinds, nested, standards, entries } = globalThis.mfgstdIndex;
        const made = prepare({ standards, entries });
        // Whoever types first does not wait until the browser has compiled the search.
        search(made, "ㄱ a");
        done({ kinds, nested, entries: made });
      });
      script.addEventListener("error", () => {
        ready = null;
        failed(new Error(file));
      });
      document.head.append(script);
    });
    return ready;
  };

  whole.hidden = false;
  box.addEventListener("focus", () => load().catch(() => {}));
  box.addEventListener("input", show);
  box.addEventListener("focus", show);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      const item = list.children[chosen];
      if (item && !panel.hidden) {
        event.preventDefault();
        item.querySelector("a").click();
      }
    } else if (event.key === "Escape") {
      box.value = "";
      show();
      box.blur();
    }
  });
  list.addEventListener("click", close);
  document.addEventListener("click", (event) => {
    if (!whole.contains(event.target)) close();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });
})();
