import { control } from "../control";
import { useReading } from "../reading";
import { showBytes, showDateTime } from "../show";
import type { PanelProps } from "./panel";
import { ScrollTable } from "./scroll-table";

/** A bucket's objects in the order of their keys. */
const BucketPanel = ({ name, hearing, fail }: PanelProps) => {
  const bucket = useReading(hearing, `bucket ${name}`, () => control.readBucket(name), fail);
  if (bucket === undefined) return null;
  if (bucket.objects.length === 0) return <p class="empty">No objects yet.</p>;
  return (
    <>
      <p class="empty">
        {bucket.objects.length}
        {bucket.hasMore ? " and more" : ""} objects
      </p>
      <ScrollTable
        label={`Objects of ${name}`}
        columns={[{ title: "key" }, { title: "size", isNumber: true }, { title: "written" }]}
        rows={bucket.objects.map(({ key, sizeBytes, atMs }) => ({ key, cells: [key, showBytes(sizeBytes), showDateTime(atMs)] }))}
      />
    </>
  );
};

export { BucketPanel };
