"use strict";
// The first page only: go on in the language of the reader; the links stay for everybody else.
(() => {
  const wanted = (navigator.languages ?? [navigator.language]).find((each) => /^(ko|en)\b/i.test(each));
  location.replace(`${wanted && /^ko/i.test(wanted) ? "ko" : "en"}/index.html`);
})();
