const { readFileSync } = require("node:fs");

// Without this, the AWS SDK prints nine lines about Node.js 20 in each command. Functions run on Lambda's Node.js, which is newer.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

require("@slack-fanout/laptop-cloud/register");

// Fonts are modules of bytes, as in the bundles.
require.extensions[".ttf"] = (module, file) => {
  module.exports = readFileSync(file);
};

// The command that the dibs API serves is a module of text, as in the bundles. Nothing else requires this kind of file.
require.extensions[".mjs"] = (module, file) => {
  module.exports = readFileSync(file, "utf8");
};
