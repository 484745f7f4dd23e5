// Prints what the official parser of AsyncAPI says of a document, as JSON: its diagnostics, each
// with severity (0 is an error), code, message and path, and the messages that it found.
const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");

async function main() {
  const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
  const found = diagnostics.map(({ severity, code, message, path }) => ({ severity, code, message, path }));
  const messages = document ? document.allMessages().all().map((each) => each.name()) : null;
  const channels = document ? document.allChannels().all().map((each) => each.address()) : null;
  process.stdout.write(JSON.stringify({ diagnostics: found, messages, channels }));
}

main();
