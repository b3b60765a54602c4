ProducerCommand.main()
