import { control } from "../control";
import { acceptFiles } from "../file-drop";
import { formatBytes } from "../format";
import { usePage } from "../page-context";
import { Time } from "../time";
import { useLiveData } from "../use-live-data";
import { DrillDown, OpenButton } from "./drill-down";
import { ObjectDetails } from "./object-details";
import type { NodePanelProps } from "./panel-props";
import { ScrollTable } from "./scroll-table";

/** A bucket's objects, sorted by key, and the inside of one. Dropped files are uploaded. */
const BucketPanel = ({ name }: NodePanelProps) => {
  const { reportError } = usePage();
  const bucket = useLiveData(`bucket ${name}`, () => control.readBucket(name));
  if (bucket === undefined) return null;
  const upload = async (files: Iterable<File>) => {
    for (const file of files) await control.putObject(name, file);
  };
  const list = (open: (key: string) => void) => (
    <>
      <p class="panel-line empty">
        {bucket.objects.length === 0 ? "No objects yet." : `${bucket.objects.length}${bucket.hasMore ? " and more" : ""} objects`}
        <label class="button">
          Put a file
          <input type="file" class="hidden" multiple onChange={event => void upload(event.currentTarget.files ?? []).catch(reportError)} />
        </label>
      </p>
      <ScrollTable
        label={`Objects of ${name}`}
        columns={[{ title: "key" }, { title: "size", isNumber: true }, { title: "written" }]}
        rows={bucket.objects.map(({ key, sizeBytes, atMs }) => ({
          key,
          cells: [
            <OpenButton entry={key} open={open}>
              {key}
            </OpenButton>,
            formatBytes(sizeBytes),
            <Time atMs={atMs} isExact />,
          ],
        }))}
      />
    </>
  );
  return (
    <div {...acceptFiles(files => void upload(files).catch(reportError))}>
      <DrillDown all="All objects" list={list} details={key => <ObjectDetails bucket={name} objectKey={key} />} />
    </div>
  );
};

export { BucketPanel };
