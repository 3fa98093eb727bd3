"""Cài đặt: language, theme, text size, the data folder and the centre."""
