"""The live journey map 客户旅程地图: drawn by people, bound to the log, owned by somebody."""
