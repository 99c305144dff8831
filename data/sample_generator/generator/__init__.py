"""Makes the files of 示例区 (虚构示例 / fictional) from a fixed seed; imports nothing of `spatial`."""
