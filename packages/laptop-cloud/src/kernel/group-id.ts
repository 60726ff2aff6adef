/** Tells whether a text is a valid MessageGroupId of SQS and SNS: 1 to 128 printable ASCII characters without spaces (SQS API reference, SendMessage). */
const isGroupId = (text: string) => /^[!-~]{1,128}$/.test(text);

export { isGroupId };
