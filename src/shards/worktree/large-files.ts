import type { Setting } from "./settings.ts";

/** What git says when a shell has not found the program below. */
export const withoutLargeFiles = /git-lfs: (?:command )?not found/;

/**
 * How files in Git LFS are read and written: by this command and no other, whatever a repo's own configuration says
 * (`git lfs install` writes the same there, https://github.com/git-lfs/git-lfs/blob/main/lfs/attribute.go).
 * @param storage folder for the files' content
 */
export function largeFiles(storage: string): Setting[] {
  return [
    ["filter.lfs.clean", "git-lfs clean -- %f"],
    ["filter.lfs.smudge", "git-lfs smudge -- %f"],
    ["filter.lfs.process", "git-lfs filter-process"],
    ["filter.lfs.required", "true"],
    ["lfs.storage", storage],
  ];
}
