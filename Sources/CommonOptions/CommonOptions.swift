// CommonOptions
