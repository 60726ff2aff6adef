const { readFileSync } = require("node:fs");

require("@slack-fanout/laptop-cloud/register");

// Fonts are modules of bytes, as in the bundles.
require.extensions[".ttf"] = (module, file) => {
  module.exports = readFileSync(file);
};

// The command that the dibs API serves is a module of text, as in the bundles. Nothing else requires this kind of file.
require.extensions[".mjs"] = (module, file) => {
  module.exports = readFileSync(file, "utf8");
};
