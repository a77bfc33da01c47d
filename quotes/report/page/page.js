"use strict";
(() => {
  const root = document.documentElement;
  const form = document.getElementById("filters");
  const status = document.getElementById("status");
  const items = Array.from(document.querySelectorAll(".item"), (element) => ({
    element,
    card: element.closest(".card"),
    article: element.closest(".article"),
    quote: element.dataset.quote,
    words: element.querySelector(".words").textContent.toLowerCase(),
    speaker: Array.from(element.closest(".card").querySelectorAll("h3, h3 ~ p, h3 ~ ul"), (part) => part.textContent).join(" ").toLowerCase(),
  }));
  const marks = Array.from(document.querySelectorAll("mark[data-quotes]"), (element) => ({ element, quotes: element.dataset.quotes.split(" ") }));
  const articles = Array.from(document.querySelectorAll(".article"));

  const filter = () => {
    const data = new FormData(form);
    const stances = new Set(data.getAll("stance"));
    const types = new Set(data.getAll("type"));
    const speaker = data.get("speaker").trim().toLowerCase();
    const words = data.get("words").trim().toLowerCase();
    const least = Number(data.get("confidence")) / 100;
    form.elements.least.textContent = `${Math.round(least * 100)} %`;
    const shown = new Set();
    const cards = new Set();
    const filled = new Set();
    for (const item of items) {
      const { stance, type, voiced, confidence } = item.element.dataset;
      const isShown = stances.has(stance) && types.has(type) && (voiced === "yes" || data.has("attitude")) &&
        Number(confidence) >= least && item.speaker.includes(speaker) && item.words.includes(words);
      item.element.hidden = !isShown;
      if (isShown) { shown.add(item.quote); cards.add(item.card); filled.add(item.article); }
    }
    for (const item of items) { item.card.hidden = !cards.has(item.card); }
    for (const mark of marks) { mark.element.classList.toggle("off", !mark.quotes.some((quote) => shown.has(quote))); }
    const isAll = shown.size === items.length;
    for (const article of articles) { article.hidden = !isAll && !filled.has(article); }
    status.textContent = `${shown.size} of ${items.length} quotes shown in the articles below`;
  };

  const themes = ["system", "light", "dark"];
  const button = document.getElementById("theme");
  button.addEventListener("click", () => {
    const theme = themes[(themes.indexOf(root.dataset.theme || "system") + 1) % themes.length];
    if (theme === "system") { delete root.dataset.theme; } else { root.dataset.theme = theme; }
    button.textContent = `Colours: ${theme}`;
    button.setAttribute("aria-label", `Colours: ${theme === "system" ? "as the system" : theme}`);
  });
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  root.classList.add("has-script");
  filter();
})();
