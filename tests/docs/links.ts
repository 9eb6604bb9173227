/** Addresses of the links and pictures in a page of Markdown, less those within code. */
export function linksIn(page: string): string[] {
  const text = withoutFences(page).replaceAll(/(`+)[^`]+?\1/g, "code");
  const found = text.matchAll(
    /\]\((?:<(?<angled>[^>]+)>|(?<plain>[^)\s]+))\)|^\[[^\]]+\]: (?<listed>\S+)|<(?:img|a)\b[^>]*?(?:src|href)="(?<html>[^"]+)"/gm,
  );
  return [...found].flatMap(({ groups = {} }) => Object.values(groups).filter((address) => address !== undefined));
}

/** The anchors of a page's headings, as GitHub makes them. */
export function slugsOf(page: string): string[] {
  const seen = new Map<string, number>();
  return [...withoutFences(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = words
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}

function withoutFences(page: string): string {
  return page.replaceAll(/^```[^]*?^```$/gm, "");
}
