/** Error codes of a disk that accepts no more writes; retrying at once does not help. */
const codes = new Set(["EDQUOT", "EFBIG", "EIO", "ENOSPC", "EROFS"]);

/** Whether the disk caused an error, rather than a bug of ours. */
const isDiskTrouble = (error: unknown): error is NodeJS.ErrnoException =>
  codes.has((error as NodeJS.ErrnoException | undefined)?.code ?? "");

export { isDiskTrouble };
