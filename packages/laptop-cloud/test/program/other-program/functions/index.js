/** Handlers in plain JavaScript, shipped as they are. */
exports.greet = async event => ({ statusCode: 200, body: `Hello, ${event.queryStringParameters?.name ?? process.env.WHOM}!` });

exports.work = async event => {
  for (const { body } of event.Records) {
    if (body === "impossible") throw new Error("That can't be done.");
    console.log(`did ${body}`);
  }
};
