const { readFileSync } = require("node:fs");

// Fonts are modules of bytes, as in the bundles.
require.extensions[".ttf"] = (module, file) => {
  module.exports = readFileSync(file);
};

require("@slack-fanout/laptop-cloud/register");
