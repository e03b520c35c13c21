/** What the QR code in a picture says; undefined where none can be read. The reader is loaded when it is first wanted. */
export async function readCodeImage(file: Blob): Promise<string | undefined> {
  const [{ default: readCode }, picture] = await Promise.all([import('jsqr'), createImageBitmap(file)]);
  // Photos of a telephone are larger than a reader needs, and take it seconds.
  const scale = Math.min(1, mostPixels / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.ceil(picture.width * scale), Math.ceil(picture.height * scale));
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return readCode(data, canvas.width, canvas.height)?.data || undefined;
}

const mostPixels = 1_200;
