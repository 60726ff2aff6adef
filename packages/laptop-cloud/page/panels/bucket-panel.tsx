import { control } from "../control";
import { acceptFiles } from "../drop";
import { useReading } from "../reading";
import { showBytes, showDateTime } from "../show";
import type { PanelProps } from "./panel";
import { ScrollTable } from "./scroll-table";

/** A bucket's objects in the order of their keys; files can be dropped here. */
const BucketPanel = ({ name, hearing, fail }: PanelProps) => {
  const bucket = useReading(hearing, `bucket ${name}`, () => control.readBucket(name), fail);
  if (bucket === undefined) return null;
  const put = async (files: Iterable<File>) => {
    for (const file of files) await control.putObject(name, file);
  };
  return (
    <div {...acceptFiles(files => void put(files).catch(fail))}>
      <p class="panel-line empty">
        {bucket.objects.length === 0 ? "No objects yet." : `${bucket.objects.length}${bucket.hasMore ? " and more" : ""} objects`}
        <label class="button">
          Put a file
          <input type="file" class="hidden" multiple onChange={event => void put(event.currentTarget.files ?? []).catch(fail)} />
        </label>
      </p>
      <ScrollTable
        label={`Objects of ${name}`}
        columns={[{ title: "key" }, { title: "size", isNumber: true }, { title: "written" }]}
        rows={bucket.objects.map(({ key, sizeBytes, atMs }) => ({ key, cells: [key, showBytes(sizeBytes), showDateTime(atMs)] }))}
      />
    </div>
  );
};

export { BucketPanel };
