import Charts
import Console

extension ImageFormat: ExpressibleByArgument {}

/// Where the pictures of a command go, and as what.
struct ChartOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Where the pictures go.", valueName: "FOLDER"))
  var pictures = "outputs"

  @Option(help: "As what they are drawn.")
  var pictureFormat = ImageFormat.png

  @Flag(help: "Draw none.")
  var noPictures = false
}
