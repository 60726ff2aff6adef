import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { HttpError } from "@slack-fanout/laptop-cloud/kernel/http";
import type { SlackFile } from "./message";
import type { Organisation } from "./organisation";
import type { Slack } from "./slack";
import { SlackError } from "./slack-error";

/** The response without a session or with a wrong token: status 200, and a page instead of the file. */
const buildLoginPage = (team: string) =>
  `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Sign in</title></head><body><h1>Sign in to ${team}</h1></body></html>`;

/** Serves `{slack}/files-pri/TEAM-FILE/[download/]NAME` to the bot's token. */
const serveDownload = async (
  organisation: Organisation,
  request: IncomingMessage,
  [teamAndFile = "", ...rest]: string[],
  response: ServerResponse,
) => {
  const [teamId = "", fileId = ""] = teamAndFile.split("-");
  const slack = organisation.workspace(teamId) ?? organisation.first;
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const file = findFile(slack, fileId);
  if (file === undefined || token === undefined || !mayRead(organisation, slack, token)) {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(buildLoginPage(slack.team.name));
    return;
  }
  await sendFile(slack, file, response, { download: rest[0] === "download" });
};

const mayRead = (organisation: Organisation, slack: Slack, token: string): boolean => {
  try {
    const { id, scopes } = organisation.installs.authenticate(token);
    return slack.grant?.id === id && scopes.has("files:read");
  } catch (error) {
    if (error instanceof SlackError) return false;
    throw error;
  }
};

/** Serves a file to the page, as a download or as an image without scripts. */
const servePreview = async (organisation: Organisation, id: string, response: ServerResponse) => {
  const slack = organisation.workspaces.find(each => findFile(each, id) !== undefined);
  const file = slack && findFile(slack, id);
  if (slack === undefined || file === undefined) throw new HttpError(404, "file_not_found", `There is no file ${id}.`);
  const isImage = /^image\/(png|jpeg|gif|webp)$/.test(file.mimetype);
  await sendFile(slack, file, response, { download: !isImage });
};

const findFile = (slack: Slack, id: string): SlackFile | undefined => {
  const file = slack.workspace.file(id);
  return file?.ticket === undefined ? file : undefined;
};

const sendFile = async (slack: Slack, file: SlackFile, response: ServerResponse, { download }: { download: boolean }) => {
  response.writeHead(200, {
    "content-type": file.mimetype,
    "content-length": file.sizeBytes,
    "content-disposition": `${download ? "attachment" : "inline"}; filename*=UTF-8''${encodeFilename(file.name)}`,
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
  });
  await pipeline(slack.files.read(file.id), response).catch(ignoreHangUp);
};

/** Clients may abort a download. */
const ignoreHangUp = (error: NodeJS.ErrnoException) => {
  if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
};

// A name may contain half of a surrogate pair, which encodeURIComponent refuses.
const encodeFilename = (name: string) => encodeURIComponent(Buffer.from(name, "utf8").toString("utf8"));

/** Receives the bytes for an upload URL, raw or as the only file of a multipart form. */
const takeUpload = async (organisation: Organisation, ticket: string, contentType = "", body: Buffer, response: ServerResponse) => {
  const slack = organisation.workspaces.find(({ workspace }) => workspace.fileByTicket(ticket) !== undefined);
  const file = slack?.workspace.fileByTicket(ticket);
  if (slack === undefined || file === undefined)
    throw new HttpError(404, "upload_not_found", "This upload URL was not handed out, or its upload is complete.");
  const bytes = contentType.startsWith("multipart/form-data") ? await readMultipart(contentType, body) : body;
  if (bytes === undefined) throw new HttpError(400, "no_file_data", "The form holds no file.");
  await slack.files.put(file.id, bytes);
  await slack.workspace.write([slack.workspace.keepFile({ ...file, sizeBytes: bytes.length })]);
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(`OK - ${bytes.length}`);
};

const readMultipart = async (contentType: string, body: Buffer): Promise<Buffer | undefined> => {
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": contentType } }).formData().catch(() => undefined);
  const part = [...(form?.values() ?? [])].find(value => value instanceof Blob);
  return part instanceof Blob ? Buffer.from(await part.arrayBuffer()) : undefined;
};

export { serveDownload, servePreview, takeUpload };
