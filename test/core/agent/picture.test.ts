import { expect } from "chai";
import { readPicture } from "#core/agent/picture";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const WEBP = "52494646 00000000 57454250";

describe("picture", () => {
  const pictures: [name: string, bytes: Buffer, expected: ReturnType<typeof readPicture>][] = [
    ["a PNG", hex("89504e470d0a1a0a 0000000d 49484452 00000280 000001e0"), { format: "png", width: 640, height: 480 }],
    ["a GIF", hex("474946383961 8002 e001"), { format: "gif", width: 640, height: 480 }],
    [
      "a JPEG whose frame follows other segments and padding",
      hex("ffd8 ffe0 0004 0000 ffc4 0003 00 ffff c2 0011 08 01e0 0280 03"),
      { format: "jpeg", width: 640, height: 480 },
    ],
    ["a lossy WebP", hex(`${WEBP} 56503820 00000000 000000 9d012a 8002 e001`), { format: "webp", width: 640, height: 480 }],
    ["a lossless WebP", hex(`${WEBP} 5650384c 00000000 2f 7fc27700`), { format: "webp", width: 640, height: 480 }],
    ["an extended WebP", hex(`${WEBP} 56503858 0a000000 00000000 7f0200 df0100`), { format: "webp", width: 640, height: 480 }],
    ["a PNG that is cut", hex("89504e470d0a1a0a 0000"), undefined],
    ["a JPEG without a frame", hex("ffd8 ffd9"), undefined],
    ["another file", Buffer.from("<svg/>"), undefined],
    ["nothing", Buffer.alloc(0), undefined],
  ];
  for (const [name, bytes, expected] of pictures) it(`reads ${name}`, () => expect(readPicture(bytes)).to.deep.equal(expected));
});
