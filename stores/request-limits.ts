/** How long a call to AWS may take, milliseconds, for the SDK's clients. */

/** While Slack waits for an ack. Without throwOnRequestTimeout the SDK only warns about a slow answer, and waits on. */
const ACK_LIMITS = { connectionTimeout: 300, requestTimeout: 1000, throwOnRequestTimeout: true };

/** In the background nobody waits: rather a late answer than none. */
const PATIENT_LIMITS = { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true };

export { ACK_LIMITS, PATIENT_LIMITS };
