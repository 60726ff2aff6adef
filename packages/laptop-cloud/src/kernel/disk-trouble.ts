/** What an operating system says of a disk that takes nothing more, however often it is asked. */
const codes = new Set(["EDQUOT", "EFBIG", "EIO", "ENOSPC", "EROFS"]);

/** Whether an error is the disk's, rather than a bug of ours. */
const isDiskTrouble = (error: unknown): error is NodeJS.ErrnoException =>
  codes.has((error as NodeJS.ErrnoException | undefined)?.code ?? "");

export { isDiskTrouble };
