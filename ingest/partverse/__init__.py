"""Objects of PartVerse's layout: the parts and captions that come along with them."""
