import Charts
import Console

extension ImageFormat: ExpressibleByArgument {}

/// Options for the folder and the format of a command's charts.
struct ChartOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder for the charts.", valueName: "FOLDER"))
  var pictures = "outputs"

  @Option(help: "The file format of the charts.")
  var pictureFormat = ImageFormat.png

  @Flag(help: "Do not draw charts.")
  var noPictures = false
}
