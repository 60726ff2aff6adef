exports.pet = async event => ({ statusCode: 200, body: JSON.stringify([event.resource, event.pathParameters]) });

exports.tick = async event => {
  console.log(`ticked ${event.source}`);
};
