messages.subscribe("sample-name", () => require("#subscribers/sample-name") as typeof import("#subscribers/sample-name"), {});
