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

  // What the page will ask for first is asked for now: it arrives while the
  // program loads. Each answer is taken once, and only while it is news.
  const asked = new Map();
  const ask = (path) => {
    const answer = fetch(path, { headers: { Accept: "application/json" } });
    // Without an answer the page asks again, and then says what is wrong.
    asked.set(path, { at: performance.now(), answer: answer.catch(() => null) });
  };
  ask("/api/v1/overview");
  if (location.pathname === "/" && location.search === "") {
    ask("/api/v1/destinations?limit=12");
  }
  window.brokerscopeEarly = (path) => {
    const found = asked.get(path);
    asked.delete(path);
    return found && performance.now() - found.at < 3000 ? found.answer : undefined;
  };

  // The same address and mode as the preload in the head, so it is one download;
  // it is compiled as it arrives, beside the script that binds it.
  const wasm = fetch(here.wasm);
  const program = WebAssembly.compileStreaming ? WebAssembly.compileStreaming(wasm) : wasm;
  Promise.all([import(here.script), program])
    .then(([page, program]) => page.default({ module_or_path: program }))
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
