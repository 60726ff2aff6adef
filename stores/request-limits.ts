/** Timeouts of calls to AWS in milliseconds, for the SDK's clients. */

/** For the ack path. Without throwOnRequestTimeout the SDK only logs a warning when time is up, and keeps waiting. */
const ACK_LIMITS = { connectionTimeout: 300, requestTimeout: 1000, throwOnRequestTimeout: true };

/** For background work, where a late answer is better than none. */
const PATIENT_LIMITS = { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true };

export { ACK_LIMITS, PATIENT_LIMITS };
