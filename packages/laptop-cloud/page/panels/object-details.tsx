import { useEffect, useState } from "preact/hooks";
import type { ObjectReport } from "../../src/protocol";
import { control } from "../control";
import { formatBytes, formatJson } from "../format";
import { usePage } from "../page-context";
import { Time } from "../time";
import { useLiveData } from "../use-live-data";
import { ScrollTable } from "./scroll-table";

interface Props {
  /** The bucket's Pulumi name. */
  bucket: string;
  objectKey: string;
}

/** An object's size, type and metadata, and a preview of pictures and text. */
const ObjectDetails = ({ bucket, objectKey }: Props) => {
  const object = useLiveData(`object ${bucket} ${objectKey}`, () => control.readObject(bucket, objectKey));
  if (object === undefined) return null;
  const { type, sizeBytes, atMs, etag, metadata } = object;
  const url = control.objectUrl(bucket, objectKey);
  return (
    <>
      <h3 class="object-key">{objectKey}</h3>
      <p class="panel-line">
        <span>{formatBytes(sizeBytes)}</span> <span>{type}</span> <Time atMs={atMs} isExact /> <code>{etag}</code>
      </p>
      <p class="panel-line">
        <a class="button" href={url} target="_blank" rel="noreferrer">
          Open
        </a>
        <a class="button" href={`${url}&download=1`} download>
          Download
        </a>
      </p>
      {Object.keys(metadata).length === 0 ? null : (
        <ScrollTable
          label={`Metadata of ${objectKey}`}
          columns={[{ title: "metadata" }, { title: "value" }]}
          rows={Object.entries(metadata).map(([name, value]) => ({ key: name, cells: [name, value] }))}
        />
      )}
      <Preview key={etag} {...{ object, url }} />
    </>
  );
};

/** Bytes of a text that are shown. */
const MAX_PREVIEW_BYTES = 64 * 1024;

const Preview = ({ object, url }: { object: ObjectReport; url: string }) => {
  const { key, shownAs, sizeBytes } = object;
  if (/^image\/(png|jpeg|gif|webp)/.test(shownAs)) return <img class="preview" src={url} alt={key} />;
  if (!/^text\/|^application\/(json|xml)/.test(shownAs) || sizeBytes === 0) return null;
  return <TextPreview {...{ object, url }} />;
};

const TextPreview = ({ object: { key, shownAs, sizeBytes }, url }: { object: ObjectReport; url: string }) => {
  const { reportError } = usePage();
  const [text, setText] = useState<string>();
  useEffect(() => {
    let ended = false;
    const read = async () => {
      const response = await fetch(url, { headers: { range: `bytes=0-${MAX_PREVIEW_BYTES - 1}` } });
      const body = await response.text();
      if (!ended) setText(body);
    };
    read().catch(reportError);
    return () => {
      ended = true;
    };
  }, [url]);
  if (text === undefined) return null;
  const isCut = sizeBytes > MAX_PREVIEW_BYTES;
  return (
    <>
      {isCut ? <p class="empty">The first {formatBytes(MAX_PREVIEW_BYTES)}.</p> : null}
      {shownAs.startsWith("text/csv") ? <CsvTable {...{ name: key, text }} /> : <pre>{isCut ? text : formatJson(text)}</pre>}
    </>
  );
};

const MAX_ROWS = 200;

const CsvTable = ({ name, text }: { name: string; text: string }) => {
  const [header = [], ...rows] = parseCsv(text).slice(0, MAX_ROWS + 1);
  return (
    <ScrollTable
      label={`Rows of ${name}`}
      columns={header.map(title => ({ title }))}
      rows={rows.map((cells, index) => ({ key: String(index), cells: header.map((_, column) => cells[column] ?? "") }))}
    />
  );
};

/** Reads CSV (RFC 4180): quoted fields may contain commas, line breaks and doubled quotes. */
const parseCsv = (text: string): string[][] => {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = "", end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  return rows;
};

export { ObjectDetails };
