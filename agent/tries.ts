/** How often a task is tried; the queue's own maxReceiveCount is the same. */
const MAX_TRIES = 3;

export { MAX_TRIES };
