api.route("POST /sample-name", () => require("#functions/sample-name") as typeof import("#functions/sample-name"), {
  environment: signingSecret,
});
