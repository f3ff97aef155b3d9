"""Code in the markup of real tools and sites, and how much of it comes out to the letter; the pages are ours."""
