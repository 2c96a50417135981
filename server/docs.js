// Lists the operations of /openapi.json by tag; nothing is loaded from elsewhere.
(async () => {
  const spec = await (await fetch("/openapi.json")).json();
  const main = document.getElementById("operations");
  const groups = new Map();
  for (const [path, item] of Object.entries(spec.paths)) {
    for (const [method, op] of Object.entries(item)) {
      if (!op.operationId) continue;
      const tag = (op.tags || ["other"])[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push({ path, method, op });
    }
  }
  const element = (name, text, parent) => {
    const e = document.createElement(name);
    if (text) e.textContent = text;
    parent.append(e);
    return e;
  };
  for (const [tag, operations] of [...groups].sort()) {
    element("h2", tag, main);
    for (const { path, method, op } of operations) {
      const box = element("details", "", main);
      box.dataset.text = `${method} ${path} ${op.summary || ""} ${op.operationId}`.toLowerCase();
      const line = element("summary", "", box);
      element("span", method.toUpperCase(), line).className = "method";
      element("code", path, line);
      element("span", `  ${op.summary || ""}`, line);
      element("pre", JSON.stringify({ parameters: op.parameters, requestBody: op.requestBody, responses: op.responses }, null, 2), box);
    }
  }
  document.getElementById("filter").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const box of main.querySelectorAll("details")) box.hidden = !box.dataset.text.includes(wanted);
  });
})();
