import { useMemo, useRef, useState } from "preact/hooks";

/** Event handlers that accept dropped files. */
const acceptFiles = (onFiles: (files: File[]) => void) => ({
  onDragOver: (event: DragEvent) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  },
  onDrop: (event: DragEvent) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  },
});

/** The same, and whether files are being dragged over the element or what it contains. */
const useFileDrop = (onFiles: (files: File[]) => void) => {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;
  const handlers = useMemo(() => {
    const { onDragOver, onDrop } = acceptFiles(files => latest.current(files));
    return {
      onDragOver: (event: DragEvent) => {
        onDragOver(event);
        setOver(event.dataTransfer?.types.includes("Files") ?? false);
      },
      onDragLeave: ({ currentTarget, relatedTarget }: DragEvent) => {
        if (!(currentTarget as Node).contains(relatedTarget as Node | null)) setOver(false);
      },
      onDrop: (event: DragEvent) => {
        onDrop(event);
        setOver(false);
      },
    };
  }, []);
  return { isOver, handlers };
};

export { acceptFiles, useFileDrop };
