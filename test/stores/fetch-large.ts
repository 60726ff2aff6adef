/** Fetches one file as on Lambda, in its own process, and reports the most memory that its buffers took, without garbage. Needs --expose-gc. */
import { create } from "../../functions/documents/fetch-file";

const [url = "", size = "", archiveBucket = ""] = process.argv.slice(2);

const main = async () => {
  const fetchFile = create({ archiveBucket, mimeTypes: ["image/png"], maxBytes: 1024 ** 3, limitSeconds: 60 });
  let mostBytes = 0;
  const measuring = setInterval(() => {
    global.gc!();
    mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers);
  }, 100);
  const file = { id: "F0001", name: "large.png", mimetype: "image/png", size: Number(size), url };
  const shared = {
    about: { file: "large.png" },
    eventId: "e",
    team: "T0001",
    channel: "C0001",
    user: "U0001",
    ts: "1.0",
    text: "",
    tags: [],
    file,
  };
  const fetched = await fetchFile(shared);
  clearInterval(measuring);
  process.send?.({ ...fetched, mostBytes });
};

void main();
