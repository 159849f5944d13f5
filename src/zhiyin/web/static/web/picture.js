// A chart as a picture: the file that the server draws, painted at twice its size and kept as PNG.
const SCALE = 2;

function shownLinks() {
  for (const link of document.querySelectorAll("a[data-picture][hidden]")) link.hidden = false;
}

async function picture(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status}`);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await answer.text())}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * SCALE;
  canvas.height = image.naturalHeight * SCALE;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-picture]");
  if (!link) return;
  event.preventDefault();
  const kept = document.createElement("a");
  // Where the picture cannot be made, the drawing itself is kept.
  kept.href = await picture(link.href).catch(() => link.href);
  kept.download = kept.href.startsWith("data:") ? link.dataset.picture : "";
  kept.click();
});

document.addEventListener("htmx:afterSwap", shownLinks);
shownLinks();
