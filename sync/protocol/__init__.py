"""What a desktop and the centre say to each other: messages, their bytes, and the seal around them."""
