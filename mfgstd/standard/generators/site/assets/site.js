"use strict";
// What makes reading easier, where scripts run; nothing on a page needs it.
(() => {
  const korean = document.documentElement.lang === "ko";

  // The other language of the same place.
  const language = document.querySelector("a.language");
  const plain = language.getAttribute("href");
  const follow = () => language.setAttribute("href", plain + location.hash);
  follow();

  // A link to something inside of a closed part opens it.
  const open = () => {
    follow();
    const id = decodeURIComponent(location.hash.slice(1));
    const place = id && document.getElementById(id);
    for (let each = place; each; each = each.parentElement) {
      if (each.tagName === "DETAILS") each.open = true;
    }
    if (place) place.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();

  // Copying. From a folder, or without TLS, a browser may offer the old way only.
  const copy = async (code) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);
      if (!document.execCommand("copy")) throw new Error("not allowed");
      getSelection().removeAllRanges();
    }
  };
  for (const block of document.querySelectorAll(".code")) {
    const button = document.createElement("button");
    const name = korean ? "복사" : "Copy";
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", async () => {
      try {
        await copy(block.querySelector("code"));
        button.textContent = korean ? "복사했습니다" : "Copied";
      } catch {
        button.textContent = korean ? "복사할 수 없습니다" : "Not allowed";
      }
      setTimeout(() => { button.textContent = name; }, 1500);
    });
    block.append(button);
  }

  // Long tables: show the rows that hold every word of what is typed.
  const filter = document.getElementById("filter");
  if (filter) {
    const table = document.getElementById(filter.dataset.filters);
    const rows = [...table.querySelectorAll("tbody tr, .row")];
    const texts = rows.map((row) => row.textContent.normalize("NFC").toLowerCase());
    const shown = document.getElementById("shown");
    filter.parentElement.hidden = false;
    filter.addEventListener("input", () => {
      const words = filter.value.normalize("NFC").toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row, number) => {
        row.hidden = !words.every((word) => texts[number].includes(word));
        count += row.hidden ? 0 : 1;
      });
      shown.textContent = shown.dataset.of.replace("{n}", count).replace("{all}", rows.length);
    });
  }

  // Print what is folded away, too.
  const folded = () => [...document.querySelectorAll("details:not([open])")];
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = folded();
    for (const each of opened) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of opened) each.open = false;
  });
})();
