// Sets the theme before the first paint, then starts the page. A file of its own
// because the content security policy allows no inline script; not a module,
// because modules run only after the first paint.
(() => {
  const here = document.currentScript.dataset;
  const root = document.documentElement;

  // "dark" or "light" when the person chose one; absent means "as the system".
  let chosen = null;
  try {
    chosen = localStorage.getItem("brokerscope.theme");
  } catch {
    // Storage can be denied; the system's theme is then the answer.
  }
  const light = window.matchMedia("(prefers-color-scheme: light)").matches;
  root.dataset.theme =
    chosen === "light" || chosen === "dark" ? chosen : light ? "light" : "dark";
  document
    .querySelector("meta[name=theme-color]")
    .setAttribute("content", root.dataset.theme === "light" ? "#f5f6f8" : "#0a0d13");

  // The same address and mode as the preload in the head, so it is one download.
  import(here.script)
    .then((page) => page.default({ module_or_path: fetch(here.wasm) }))
    .catch((error) => {
      console.error(error);
      const say = () => {
        const note = document.createElement("p");
        note.setAttribute("role", "alert");
        note.textContent =
          "The page could not start (" + error + "). Reload it; if that does not help, " +
          "use a browser with WebAssembly and look at the server's log.";
        document.body.prepend(note);
      };
      if (document.body) say();
      else document.addEventListener("DOMContentLoaded", say);
    });
})();
