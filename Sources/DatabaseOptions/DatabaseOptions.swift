// DatabaseOptions
